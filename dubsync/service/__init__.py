"""What one can ask of dubsync: projects, the line from plate to render, consent, records."""
