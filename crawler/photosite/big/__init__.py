"""A synthetic site of up to millions of photos, made by arithmetic as they are asked for: for benchmarks."""

from crawler.photosite.big.files import expected_bytes, expected_sha256, pictures
from crawler.photosite.big.plan import Plan, read_plan
from crawler.photosite.big.site import BigPhotos
from crawler.photosite.big.truth import write_truth

__all__ = ["BigPhotos", "Plan", "expected_bytes", "expected_sha256", "pictures", "read_plan", "write_truth"]
