"""What each server has set for itself."""
