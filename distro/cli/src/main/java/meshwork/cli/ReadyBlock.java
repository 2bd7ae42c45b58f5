package meshwork.cli;

import java.net.URI;
import java.util.stream.Collectors;

import meshwork.cli.NodeClient.Health;
import meshwork.cli.NodeClient.ModelHealth;

/** What {@code serve} prints when a node is ready. */
final class ReadyBlock {

	private ReadyBlock() {
	}

	static String of(URI url, Health health, boolean wantsKey, String stop) {
		String model = health.models().getFirst().id();
		return """
				Meshwork %s is ready.

				  API      %sv1
				  models   %s
				  try      curl -N %sv1/chat/completions -H 'Content-Type: application/json'%s -d '{"model": "%s", "stream": true, "messages": [{"role": "user", "content": "What is Meshwork?"}]}'
				  stop     %s
				""".formatted(Home.version(), url, health.models().stream().map(ModelHealth::id).collect(Collectors.joining(", ")), url,
				wantsKey ? " -H \"Authorization: Bearer $KEY\"" : "", model, stop);
	}
}
