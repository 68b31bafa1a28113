"""How fast, beside what others would build: each contestant in a process of its own, the same messages, rounds that take turns."""
