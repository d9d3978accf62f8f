"""What answers and their panels look like."""
