"""How a GET is answered: SQL written once per shape of request, values given per request, rows as serializers say."""
