"""The command ``syncv3``: one file for each word of it."""
