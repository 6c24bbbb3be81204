"""What is shipped, as the programs see it that take it: run by ``make packages``."""
