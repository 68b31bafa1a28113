"""What is kept of verdicts: tables, encryption, the store and its spool, keys, audit, retention."""
