"""What is stored: whether an entry is there, alive and not purged, and the forms it is served in.

What may enter: what concerns entries and not the request that asks for them.
"""
