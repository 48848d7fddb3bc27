from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SEE = ["sellers.view_seller", "sellers.view_balanceentry", "sellers.view_unbinding", "queueing.view_order"]
SELL = ["sellers.add_seller", "sellers.renew_seller", "sellers.correct_seller", "sellers.unbind_seller"]
GROUPS = {"续费员": SEE + SELL, "观察员": SEE}


def make_groups(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the two groups of staff; permissions are otherwise made after the last migration."""
    from django.apps import apps as installed

    for app in ("sellers", "queueing"):
        create_permissions(installed.get_app_config(app), apps=apps, verbosity=0)
    permission_model = apps.get_model("auth", "Permission")
    for name, codes in GROUPS.items():
        group, _created = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        for code in codes:
            app, codename = code.split(".")
            group.permissions.add(permission_model.objects.get(content_type__app_label=app, codename=codename))


class Migration(migrations.Migration):
    dependencies = [
        ("sellers", "0002_console"),
        ("queueing", "0002_console"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
