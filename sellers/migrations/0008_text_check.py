from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

MANAGERS = "主管"


def let_managers_decide(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let managers, where there are some, decide on texts; permissions are otherwise made after the last migration."""
    from django.apps import apps as installed

    create_permissions(installed.get_app_config("accounts"), apps=apps, verbosity=0)
    decide = apps.get_model("auth", "Permission").objects.get(codename="decide_textcheck")
    for group in apps.get_model("auth", "Group").objects.filter(name=MANAGERS):
        group.permissions.add(decide)


def flag() -> models.BooleanField:
    # With a default of the database's own, servers of the version before go on meanwhile.
    return models.BooleanField(db_default=False, default=False, editable=False)


class Migration(migrations.Migration):
    dependencies = [("sellers", "0007_pause_and_proof"), ("accounts", "0005_text_check")]

    operations = [
        migrations.AddField("seller", "name_hidden", flag()),
        migrations.AddField("seller", "person_name_hidden", flag()),
        migrations.AddField("seller", "menu_hidden", flag()),
        migrations.RunPython(let_managers_decide, migrations.RunPython.noop),
    ]
