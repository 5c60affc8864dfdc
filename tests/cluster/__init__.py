"""A real Kubernetes for tests, on machines where kind can't run.

What may enter: building the components from their published modules (`building`, `kubernetes/`),
certificates, processes that leave nothing behind, the two ways to run them (`control_plane`:
seconds, no pods run; `node`: with kubelet, containers and NetworkPolicies that hold), and pytest
fixtures over them. Nothing here knows LLMCache: tests get a KUBECONFIG and don't see which cluster is
behind it.

    python -m tests.cluster control-plane     a control plane, until Ctrl-C
"""
