"""The network as data: ops, the graph of them, the passes that simplify it, the plan it becomes."""
