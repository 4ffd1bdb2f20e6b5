"""What the database does beyond models: fields, constraints, triggers, the search index, the audit log."""
