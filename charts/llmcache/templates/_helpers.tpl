{{- /* At most 52 characters, so that suffixes fit. */}}
{{- define "llmcache.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- if contains .Chart.Name .Release.Name }}
{{- .Release.Name | replace "." "-" | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" (replace "." "-" .Release.Name) .Chart.Name | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- /* The NetworkPolicies of every LLMCache let pods with this name reach the admin planes. */}}
{{- define "llmcache.selectorLabels" -}}
app.kubernetes.io/name: llmcache-operator
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end }}

{{- define "llmcache.labels" -}}
{{ include "llmcache.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: llmcache
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "llmcache.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "llmcache.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- /* An image reference of (dict "image" IMAGE "root" $): registry/repository:tag or @digest. */}}
{{- define "llmcache.image" -}}
{{- $registry := default .root.Values.global.imageRegistry .image.registry }}
{{- if $registry }}{{ $registry }}/{{ end }}{{ .image.repository }}
{{- if .image.digest }}@{{ .image.digest }}{{ else }}:{{ default .root.Chart.AppVersion .image.tag }}{{ end }}
{{- end }}

{{- define "llmcache.arguments" -}}
- --log-level={{ .Values.logLevel }}
- --listen=:8080
- --lease={{ include "llmcache.fullname" . }}
{{- range .Values.watchNamespaces }}
- --watch-namespace={{ . }}
{{- end }}
{{- range $name, $image := .Values.images }}
{{- if $image }}
- --{{ $name }}-image={{ $image }}
{{- end }}
{{- end }}
{{- end }}
