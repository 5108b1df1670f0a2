"""Every layout by its name."""

from dataset.writers.imagefolder import IMAGEFOLDER
from dataset.writers.layout import Layout
from dataset.writers.pair_lists import PAIR_LISTS
from dataset.writers.parquet_images import PARQUET
from dataset.writers.tar_shards import WEBDATASET

LAYOUTS: dict[str, Layout] = {layout.name: layout for layout in (IMAGEFOLDER, PARQUET, WEBDATASET, PAIR_LISTS)}
