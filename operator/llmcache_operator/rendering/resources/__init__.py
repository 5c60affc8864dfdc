"""One builder for each kind of object: build_x(context) -> Manifest | None.

What may enter: functions that return one whole manifest, or None where the resource does not ask for
one. What an object must have whoever makes it (name, labels, owner) comes from `names`.
"""
