"""Translation catalogues of the portal; ``catalogue/localisation.py`` builds and checks them."""
