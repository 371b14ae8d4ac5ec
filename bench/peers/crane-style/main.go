// Builds images the way Istio's builder does in its crane mode, for the benchmark to compare with: a base is its manifest
// and config; all files of an image in one variant on one platform become one layer, buffered whole, its files in the
// order of a map and with their times; four images at a time; nothing is kept from one run to the next.
//
//	crane-style PLAN
//
// PLAN is the JSON that bench/peers/crane-style.ts writes.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/sync/errgroup"
)

const jobs = 4

// As much as the largest program, so that the buffer seldom grows.
const layerCapacity = 100 << 20

type plan struct {
	// One after the other: what stands on an image of an earlier round finds it in the registry.
	Rounds [][]image `json:"rounds"`
}

type image struct {
	Reference string     `json:"reference"`
	Platforms []platform `json:"platforms"`
}

type platform struct {
	OS           string           `json:"os"`
	Architecture string           `json:"architecture"`
	Base         string           `json:"base"`
	Config       v1.Config        `json:"config"`
	Files        map[string]entry `json:"files"`
}

// Absolute path in the image -> where its content is.
type entry struct {
	Source string `json:"source"`
	Link   string `json:"link"`
	Mode   int64  `json:"mode"`
	UID    int    `json:"uid"`
	GID    int    `json:"gid"`
	Type   string `json:"type"`
}

func main() {
	log.SetFlags(0)
	if err := run(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func run(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var p plan
	if err := json.Unmarshal(text, &p); err != nil {
		return err
	}
	for _, round := range p.Rounds {
		var group errgroup.Group
		group.SetLimit(jobs)
		for _, image := range round {
			group.Go(func() error { return publish(image) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
	return nil
}

// publish builds all platforms of an image and pushes them, and an index of them under the name.
func publish(i image) error {
	reference, err := name.ParseReference(i.Reference, name.Insecure)
	if err != nil {
		return err
	}
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, p := range i.Platforms {
		built, err := build(p)
		if err != nil {
			return fmt.Errorf("%s %s: %w", i.Reference, p.Architecture, err)
		}
		if len(i.Platforms) == 1 {
			return remote.Write(reference, built)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add:        built,
			Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: p.OS, Architecture: p.Architecture}},
		})
	}
	return remote.WriteIndex(reference, index)
}

func build(p platform) (v1.Image, error) {
	base, err := pull(p)
	if err != nil {
		return nil, err
	}
	layer, err := bufferedLayer(p.Files)
	if err != nil {
		return nil, err
	}
	appended, err := mutate.AppendLayers(base, layer)
	if err != nil {
		return nil, err
	}
	file, err := appended.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.OS, file.Architecture, file.Config = p.OS, p.Architecture, p.Config
	return mutate.ConfigFile(appended, file)
}

// pull gets manifest and config of the base, never its layers.
func pull(p platform) (v1.Image, error) {
	if p.Base == "" {
		return mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON), nil
	}
	reference, err := name.ParseReference(p.Base, name.Insecure)
	if err != nil {
		return nil, err
	}
	return remote.Image(reference, remote.WithPlatform(v1.Platform{OS: p.OS, Architecture: p.Architecture}))
}

// bufferedLayer holds the whole tar in memory; the library opens it for each digest and for the upload. Registries on this
// machine get gzip without compression.
func bufferedLayer(files map[string]entry) (v1.Layer, error) {
	buffer := bytes.NewBuffer(make([]byte, 0, layerCapacity))
	archive := tar.NewWriter(buffer)
	for path, file := range files {
		if err := add(archive, path, file); err != nil {
			return nil, err
		}
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(buffer.Bytes())), nil }
	return tarball.LayerFromOpener(open,
		tarball.WithCompressionLevel(gzip.NoCompression), tarball.WithMediaType(types.OCILayer))
}

func add(archive *tar.Writer, path string, file entry) error {
	header := &tar.Header{Name: path, Mode: file.Mode, Uid: file.UID, Gid: file.GID}
	switch file.Type {
	case "directory":
		header.Typeflag = tar.TypeDir
		header.Name += "/"
		return archive.WriteHeader(header)
	case "symlink":
		header.Typeflag, header.Linkname = tar.TypeSymlink, file.Link
		return archive.WriteHeader(header)
	}
	header.Typeflag = tar.TypeReg
	if file.Source == "" {
		return archive.WriteHeader(header)
	}
	source, err := os.Open(file.Source)
	if err != nil {
		return err
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return err
	}
	header.Size, header.ModTime = info.Size(), info.ModTime()
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	_, err = io.Copy(archive, source)
	return err
}
