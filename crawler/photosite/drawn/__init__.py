"""Drawn people who age: a parametric face whose identity, age and circumstances come from seeds."""

from crawler.photosite.drawn.photo import draw_jpeg, draw_photo
from crawler.photosite.drawn.scene import STYLES, Style

__all__ = ["STYLES", "Style", "draw_jpeg", "draw_photo"]
