{{- define "syncv3.selector" -}}
app.kubernetes.io/name: syncv3
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "syncv3.labels" -}}
{{ include "syncv3.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "syncv3.name" -}}
{{ if contains "syncv3" .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-syncv3{{ end }}
{{- end }}
