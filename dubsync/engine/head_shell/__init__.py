"""A head as a closed shell: depth of hair and skull, and what hides what when it turns far."""
