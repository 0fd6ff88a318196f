"""Job functions and the runner that runs them."""
