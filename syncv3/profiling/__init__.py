"""What the process spends its time and memory on, told on a listener of its own (O-15, O-80).

Loaded only when ``SYNCV3_PPROF`` is set. Nothing is measured until somebody asks for it. Where Go's
tools can show a profile it has their form, because operators of the Go proxy have these tools.
"""
