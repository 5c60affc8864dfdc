"""The sidecar's configuration and the files that it names.

What may enter: how sections of the resource become sections of the sidecar's file, and where the pod
mounts what that file names. Both come from the same values, so a path can't be written twice.
"""
