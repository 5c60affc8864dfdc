package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"
)

// networkPolicies judges the first packet of each connection that a rule of the node sends to a queue
// of the kernel. Nobody there to judge means no new connection: a rule without bypass drops them.
//
// The package also makes such a rule by nftables, and goes on where a kernel has no queue expression
// there; the node's own rule (tests/cluster/policies.py) works on both.
func networkPolicies() int {
	flags := flag.NewFlagSet("network-policies", flag.ExitOnError)
	kubeconfig := flags.String("kubeconfig", "", "credentials that read pods, namespaces and policies")
	node := flags.String("hostname-override", "", "the node's name")
	queue := flags.Int("nfqueue-id", 100, "number of the kernel's queue")
	_ = flags.Parse(os.Args[1:])
	if err := judge(*kubeconfig, *node, *queue); err != nil {
		fmt.Fprintln(os.Stderr, "network-policies:", err)
		return 1
	}
	return 0
}

func judge(kubeconfig, node string, queue int) error {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	controller, err := networkpolicy.NewController(
		client,
		factory.Networking().V1().NetworkPolicies(),
		factory.Core().V1().Namespaces(),
		factory.Core().V1().Pods(),
		nil, nil, nil, nil, // of the admin policies, which are off
		networkpolicy.Config{QueueID: queue, NodeName: node},
	)
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	return controller.Run(ctx)
}
