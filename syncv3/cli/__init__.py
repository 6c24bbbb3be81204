"""The command ``syncv3``: one file for each word of it.

What a command's function has as its docstring is what ``--help`` shows. So these are written for
operators; what a developer must know stands at the head of the file. Errors that an operator can
mend are raised as ``ConfigError``, in one sentence, and ``main`` prints it.
"""
