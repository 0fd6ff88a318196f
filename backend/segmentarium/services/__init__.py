"""Where two lower pieces meet."""
