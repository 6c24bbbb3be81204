"""The whole service when something runs out: disk, time, memory, patience."""
