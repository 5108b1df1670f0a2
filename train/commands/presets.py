"""`train presets`."""

import click

from agegap.cli import json_option


@click.command()
@json_option
def presets(as_json: bool) -> None:
    """List the systems that `train run` knows: what each is, what it reads, and its steps."""
    import json

    from train.presets import load_recipe, preset_names

    recipes = [load_recipe(name) for name in preset_names()]
    if as_json:
        content = [
            {
                "preset": recipe.preset,
                "about": recipe.about,
                "needs_pairs": recipe.needs_pairs,
                "expects_weights": recipe.expects_weights or None,
                "backbone": recipe.net.backbone,
                "input_size": recipe.net.input_size,
                "steps": [step.name for step in recipe.schedule],
                "members": [member.name for member in recipe.members],
            }
            for recipe in recipes
        ]
        click.echo(json.dumps({"presets": content}, ensure_ascii=False))
        return
    width = max(len(recipe.preset) for recipe in recipes)
    for recipe in recipes:
        click.echo(f"{recipe.preset:<{width}}  {recipe.about}")
