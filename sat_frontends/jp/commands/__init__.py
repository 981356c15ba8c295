"""One module for each group of commands; ``sat_frontends.jp.groups`` names them."""
