"""Server-sent events and answers that are sent again.

What may enter: pure, incremental transformations of bytes: the event splitter, and templates that
put fresh ids and times into a stored answer. Nothing here knows an API by name.
"""
