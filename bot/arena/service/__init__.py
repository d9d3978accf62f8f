"""What can be done in the arena: begin a battle, run it, vote, close it, look at boards. Knows no Discord."""
