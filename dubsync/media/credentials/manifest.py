"""What a C2PA manifest says, as values, and who signs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

#: The IPTC's digital source types (cv.iptc.org/newscodes/digitalsourcetype) that dubsync says.
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
COMPOSITE = SOURCE_TYPES + "compositeWithTrainedAlgorithmicMedia"

#: Beginning of the labels of dubsync's own assertions; a manifest with one is dubsync's.
OWN = "org.dubsync."
#: Digest of the boxes of a MOV or MP4 that C2PA's own hash leaves out; see `carried.left_out`.
LEFT_OUT = OWN + "left_out"

Algorithm = Literal["Ed25519", "ES256"]


@dataclass(frozen=True, slots=True)
class ManifestSigner:
    """Who signs a manifest; holds no key.

    algorithm  "Ed25519" or "ES256"
    chain_pem  certificates in PEM, the signing one first, the root last
    sign       bytes -> raw signature of 64 bytes
    """

    algorithm: str
    chain_pem: str
    sign: Callable[[bytes], bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ingredient:
    """What went into the media, by digest.

    name      what actions call it by; unique in the manifest
    title     what a reader sees: "plate", "dub", "take"
    sha256    of the file, 64 hex digits
    form      its MIME type; "" for none
    relationship  "parentOf": what the media are a new version of; "componentOf": what they show;
                  "inputTo": anything else
    is_model  whether it is something learnt
    """

    name: str
    title: str
    sha256: str
    form: str = ""
    relationship: Literal["parentOf", "componentOf", "inputTo"] = "inputTo"
    is_model: bool = False

    def json(self) -> dict[str, Any]:
        """As the library takes it.  The digest is the instance's name (RFC 6920, clause 7)."""
        plain: dict[str, Any] = {
            "label": self.name,
            "title": self.title,
            "instance_id": f"nih:sha-256;{self.sha256}",
            "description": f"{self.title}; SHA-256 {self.sha256}",
            "relationship": self.relationship,
        }
        if self.form:
            plain["format"] = self.form
        if self.is_model:
            plain["data_types"] = [{"type": "c2pa.types.model"}]
        return plain


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is said of one file.

    title       a name for people, without a path
    generator   name and version of the program
    actions     what was done, in order, as C2PA's `c2pa.actions.v2`
    ingredients  what went in
    assertions  label -> anything else that is said
    """

    title: str
    generator: tuple[str, str]
    actions: tuple[Mapping[str, Any], ...]
    ingredients: tuple[Ingredient, ...] = ()
    assertions: Mapping[str, Any] = field(default_factory=dict)

    def definition(self, more: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The manifest as the library takes it, with the assertions of `more`.

        Every assertion is "created": the signer answers for it (C2PA 2.2, 10.2).
        """
        name, version = self.generator
        said = {
            "c2pa.actions.v2": {"actions": [dict(one) for one in self.actions]},
            **self.assertions,
            **(more or {}),
        }
        return {
            "claim_generator_info": [{"name": name, "version": version}],
            "title": self.title,
            "ingredients": [one.json() for one in self.ingredients],
            "assertions": [
                {"label": label, "data": data, "created": True} for label, data in said.items()
            ],
        }
