"""Putting the parts together, and running them.

What may enter: the composition root (which adapter behind which port), start and drain, reload. It
is the only place that knows every room; nothing imports it but the command line.
"""
