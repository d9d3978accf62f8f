"""What the arena shows. Pure: from what the service returned to a card."""
