"""How good it is: metrics, slices, peers, reports."""
