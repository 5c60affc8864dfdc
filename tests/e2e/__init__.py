"""LLMCache on a cluster that runs pods, seen as a user sees it: through Helm, kubectl and the Services.

A KUBECONFIG and the names of images are all that is needed (`settings`); which kind of cluster it is,
the tests don't know. `load` and `ask` run inside the cluster, in a pod that has Python and no more.
"""
