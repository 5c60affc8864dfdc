// Command kube is a whole Kubernetes in one file, a subcommand for each component, so that tests run
// the real one on machines without a container engine. The versions are those of go.mod.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/coredns/coredns/coremain"
	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/forward"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/ready"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

var components = map[string]func() int{
	"etcd":    func() int { etcdmain.Main(os.Args); return 0 },
	"coredns": func() int { coremain.Run(); return 0 },
	"apiserver": func() int {
		return cli.Run(apiserver.NewAPIServerCommand())
	},
	"controller-manager": func() int {
		return cli.Run(controllermanager.NewControllerManagerCommand())
	},
	"scheduler":        func() int { return cli.Run(scheduler.NewSchedulerCommand()) },
	"proxy":            func() int { return cli.Run(proxy.NewProxyCommand()) },
	"kubelet":          func() int { return cli.Run(kubelet.NewKubeletCommand(context.Background())) },
	"network-policies": networkPolicies,
}

func main() {
	if len(os.Args) > 1 {
		if run, known := components[os.Args[1]]; known {
			os.Args = os.Args[1:]
			os.Exit(run())
		}
	}
	fmt.Fprintln(os.Stderr, "usage: kube COMPONENT [FLAGS]; components:")
	for name := range components {
		fmt.Fprintln(os.Stderr, "  "+name)
	}
	os.Exit(2)
}
