//go:build tools

// Package tools pins helm-unittest, whose own go.mod has a replace that `go install` refuses.
package tools

import _ "github.com/helm-unittest/helm-unittest/cmd/helm-unittest"
