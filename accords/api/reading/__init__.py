"""How a GET is answered: SQL written once per shape of request, values bound per request, rows shaped as serializers say."""
