"""The `dubsync` command: every verb a thin call on service."""
