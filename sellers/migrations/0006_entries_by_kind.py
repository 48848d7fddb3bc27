from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sellers", "0005_managers")]

    operations = [
        migrations.AddIndex(
            model_name="balanceentry",
            index=models.Index(fields=["kind"], name="entry_by_kind"),
        )
    ]
