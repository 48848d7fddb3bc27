from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sellers", "0006_entries_by_kind")]

    operations = [
        migrations.AddField(
            "seller",
            "paused_until",
            models.DateTimeField(blank=True, editable=False, null=True, verbose_name="paused until"),
        ),
        migrations.AddField(
            "seller",
            "proof",
            models.BooleanField(default=False, db_default=False, verbose_name="proof of holding"),
        ),
    ]
