"""The tables of the catalog. docs/catalog.md says the same in words; a test holds the two together.

Times are UTC. Years are the one unit of ageing. JSON columns hold evidence as it came, never what a query needs.
The tables stand by what they are for: `found_models` (people and photos), `crawl_models` (how far the crawl is),
`made_models` (what is made of the photos), `checked_models` (what faces are known to be).
"""

from db.base import Base
from db.checked_models import AuditFinding, DuplicateFace, FaceEmbedding, FaceIdentity, IdentityProposal
from db.crawl_models import (
    ApiCall,
    ApiPace,
    CrawlWorker,
    HostPace,
    Licence,
    Query,
    SearchWindow,
    Tombstone,
)
from db.found_models import Photo, PhotoQuery, PhotoSubject, Subject, SubjectCandidate
from db.made_models import DatasetExport, DateEvidence, Face, FaceScan, NegativePair, Pair, PairSet, TakenYear

__all__ = [
    "ApiCall",
    "ApiPace",
    "AuditFinding",
    "Base",
    "CrawlWorker",
    "DatasetExport",
    "DateEvidence",
    "DuplicateFace",
    "Face",
    "FaceEmbedding",
    "FaceIdentity",
    "FaceScan",
    "HostPace",
    "IdentityProposal",
    "Licence",
    "NegativePair",
    "Pair",
    "PairSet",
    "Photo",
    "PhotoQuery",
    "PhotoSubject",
    "Query",
    "SearchWindow",
    "Subject",
    "SubjectCandidate",
    "TakenYear",
    "Tombstone",
]
