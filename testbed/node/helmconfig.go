package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	yamlreader "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/yaml"
)

// The stand-in for the Helm controller knows one HelmChartConfig, that of the
// packaged Traefik, and of the chart's values the ones below.
var helmChartConfigs = schema.GroupVersionResource{Group: "helm.cattle.io", Version: "v1", Resource: "helmchartconfigs"}

const traefikManifest = "traefik.yaml"

type traefikValues struct {
	AdditionalArguments []string           `json:"additionalArguments"`
	Env                 []corev1.EnvVar    `json:"env"`
	Volumes             []traefikVolume    `json:"volumes"`
	Persistence         traefikPersistence `json:"persistence"`
	Affinity            *corev1.Affinity   `json:"affinity"`
}

// traefikVolume is mounted read-only; Name is also that of the ConfigMap or Secret.
type traefikVolume struct {
	Name      string `json:"name"`
	MountPath string `json:"mountPath"`
	Type      string `json:"type"`
}

type traefikPersistence struct {
	Enabled    bool                              `json:"enabled"`
	Path       string                            `json:"path"`
	Size       resource.Quantity                 `json:"size"`
	AccessMode corev1.PersistentVolumeAccessMode `json:"accessMode"`
}

// helmConfig follows the HelmChartConfig kube-system/traefik as it is in the API.
type helmConfig struct {
	client dynamic.Interface
	seen   string // the last content that was reported on
}

// render returns the packaged Traefik's manifest as the HelmChartConfig wants it.
func (h *helmConfig) render(manifest []byte) ([]byte, error) {
	content, err := h.valuesContent()
	if err != nil {
		return nil, err
	}
	values := traefikValues{Persistence: traefikPersistence{
		Path: "/data", Size: resource.MustParse("128Mi"), AccessMode: corev1.ReadWriteOnce}}
	unknown := yaml.UnmarshalStrict([]byte(content), &values)
	err = yaml.Unmarshal([]byte(content), &values)
	if h.seen != content {
		h.seen = content
		if err != nil {
			warn("HelmChartConfig traefik: %v", err)
		} else if unknown != nil {
			warn("stand-in: HelmChartConfig traefik: left out: %v", unknown)
		}
	}
	if err != nil { // the Traefik that runs stays as it is, as after a failed helm upgrade
		return nil, errStays
	}
	return renderTraefik(manifest, values)
}

var errStays = errors.New("the values cannot be read")

func (h *helmConfig) valuesContent() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	found, err := h.client.Resource(helmChartConfigs).Namespace("kube-system").Get(ctx, "traefik", metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	content, _, err := unstructured.NestedString(found.Object, "spec", "valuesContent")
	return content, err
}

// waitKnown returns once the API serves HelmChartConfigs, whose definition it got a moment ago.
func (h *helmConfig) waitKnown() {
	for range 100 {
		if _, err := h.client.Resource(helmChartConfigs).List(context.Background(), metav1.ListOptions{Limit: 1}); err == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func renderTraefik(manifest []byte, values traefikValues) ([]byte, error) {
	var out bytes.Buffer
	reader := yamlreader.NewYAMLReader(bufio.NewReader(bytes.NewReader(manifest)))
	for {
		doc, err := reader.Read()
		if err == io.EOF {
			return out.Bytes(), nil
		}
		if err != nil {
			return nil, err
		}
		var head metav1.TypeMeta
		if err := yaml.Unmarshal(doc, &head); err != nil {
			return nil, err
		}
		if head.Kind == "Deployment" {
			if doc, err = values.deployment(doc); err != nil {
				return nil, err
			}
		}
		fmt.Fprintf(&out, "---\n%s\n", doc)
	}
}

// deployment returns the Deployment with the values in it, after the claim that it needs: the scheduler
// looks at a pod whose claim is missing only after a pause again.
func (v traefikValues) deployment(doc []byte) ([]byte, error) {
	var d appsv1.Deployment
	if err := yaml.Unmarshal(doc, &d); err != nil {
		return nil, err
	}
	pod := &d.Spec.Template.Spec
	traefik := &pod.Containers[0]
	traefik.Args = append(traefik.Args, v.AdditionalArguments...)
	traefik.Env = append(traefik.Env, v.Env...)
	pod.Affinity = v.Affinity
	for _, volume := range append([]traefikVolume{{Name: "data", MountPath: v.Persistence.Path}}, v.Volumes...) {
		source, err := v.source(volume, d.Name)
		if err != nil {
			return nil, err
		}
		pod.Volumes = append(pod.Volumes, corev1.Volume{Name: volume.Name, VolumeSource: source})
		traefik.VolumeMounts = append(traefik.VolumeMounts,
			corev1.VolumeMount{Name: volume.Name, MountPath: volume.MountPath, ReadOnly: volume.Type != ""})
	}
	text, err := yaml.Marshal(d)
	if err != nil || !v.Persistence.Enabled {
		return text, err
	}
	claim, err := yaml.Marshal(v.Persistence.claim(d.ObjectMeta))
	return append(append(claim, "---\n"...), text...), err
}

func (v traefikValues) source(volume traefikVolume, claim string) (corev1.VolumeSource, error) {
	switch {
	case volume.Type == "configMap":
		return corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: volume.Name}}}, nil
	case volume.Type == "secret":
		return corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: volume.Name}}, nil
	case volume.Type != "":
		return corev1.VolumeSource{}, fmt.Errorf("stand-in: volume %s is of type %q", volume.Name, volume.Type)
	case v.Persistence.Enabled:
		return corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claim}}, nil
	default:
		return corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}, nil
	}
}

func (p traefikPersistence) claim(owner metav1.ObjectMeta) *corev1.PersistentVolumeClaim {
	return &corev1.PersistentVolumeClaim{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "PersistentVolumeClaim"},
		ObjectMeta: metav1.ObjectMeta{Name: owner.Name, Namespace: owner.Namespace, Labels: owner.Labels},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{p.AccessMode},
			Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: p.Size}},
		},
	}
}
