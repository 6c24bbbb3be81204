"""Random schedules against a naive model: nothing lost, nothing leaked, nobody expired."""
