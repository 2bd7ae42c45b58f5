package meshwork.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

import com.fasterxml.jackson.annotation.JsonInclude;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Talks to a node's HTTP API. On the JDK's older client: {@code java.net.http} takes 0.6 s of a short command to load its
 * classes, this one 0.02 s.
 *
 * @param url where the node listens
 * @param apiKey what it wants to be shown
 * @param certificate the one that it has to prove itself by, which nobody else need have signed; none where it speaks plain HTTP
 */
record NodeClient(URI url, Optional<String> apiKey, Optional<Path> certificate) {

	private static final JsonNode STARTING = JsonMapper.shared().createObjectNode().put("status", "loading");
	private static final int CONNECT_MS = 2_000;
	private static final int HEALTH_MS = 15_000;

	static NodeClient of(RunningNode node) {
		return new NodeClient(node.url(), Optional.of(node.apiKey()), node.certificate());
	}

	/** How a node is. */
	record Health(String status, List<ModelHealth> models) {
	}

	/** How one of its models is; as JSON what the commands print with {@code --json}. */
	@JsonInclude(JsonInclude.Include.NON_ABSENT)
	record ModelHealth(String id, String state, double progress, Optional<String> problem, Optional<String> reason) {

		boolean ready() {
			return state.equalsIgnoreCase("ready");
		}

		boolean failed() {
			return state.equalsIgnoreCase("failed");
		}

		/** Its state as people read it. */
		String text() {
			return state.equalsIgnoreCase("loading") ? "loading %d %%".formatted(Math.round(progress * 100)) : state.toLowerCase(Locale.ROOT);
		}
	}

	/**
	 * Asks the node how it is.
	 *
	 * @throws Refusal when nobody answers, or who does is no node
	 */
	Health health() {
		JsonNode answer = get("/health");
		var models = new ArrayList<ModelHealth>();
		for (JsonNode model : answer.path("models"))
			models.add(new ModelHealth(model.path("id").asString(), model.path("state").asString(), model.path("progress").asDouble(0),
					text(model, "problem"), text(model, "reason")));
		return new Health(answer.path("status").asString("failed"), List.copyOf(models));
	}

	/**
	 * Streams the answer to a chat request.
	 *
	 * @throws Refusal when the node refuses, or the answer breaks off
	 */
	void chat(ObjectNode request, Consumer<String> text) {
		try {
			stream(request, text);
		} catch (IOException e) {
			throw unreachable(e);
		}
	}

	private void stream(ObjectNode request, Consumer<String> text) throws IOException {
		HttpURLConnection connection = open("/v1/chat/completions", 0);
		connection.setRequestMethod("POST");
		connection.setRequestProperty("Content-Type", "application/json");
		connection.setRequestProperty("Accept", "text/event-stream");
		connection.setDoOutput(true);
		try (var out = connection.getOutputStream()) {
			out.write(JsonMapper.shared().writeValueAsBytes(request));
		}
		if (connection.getResponseCode() != 200)
			throw refused(connection);
		try (var lines = new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
			for (String line = lines.readLine(); line != null; line = lines.readLine()) {
				if (!line.startsWith("data:"))
					continue;
				String event = line.substring("data:".length()).strip();
				if (event.equals("[DONE]"))
					return;
				JsonNode json = JsonMapper.shared().readTree(event);
				if (json.has("error"))
					throw new Refusal(ExitCode.REFUSED, "the node broke the answer off: " + message(json));
				String piece = json.path("choices").path(0).path("delta").path("content").asString("");
				if (!piece.isEmpty())
					text.accept(piece);
			}
		}
		throw new Refusal(ExitCode.REFUSED, "the connection to the node at %s ended before the answer did".formatted(url));
	}

	private JsonNode get(String path) {
		try {
			HttpURLConnection connection = open(path, HEALTH_MS);
			int status = connection.getResponseCode();
			// a node that loads or has failed says so with 503, and how in the same form
			try (InputStream body = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
				JsonNode json = JsonMapper.shared().readTree(body == null ? new byte[0] : body.readAllBytes());
				// as long as the bundle behind this address is not there yet
				if (status == HttpURLConnection.HTTP_UNAVAILABLE && !json.has("status"))
					return STARTING;
				if (status >= 400 && !json.has("status"))
					throw new Refusal(ExitCode.REFUSED, "the node at %s answers %d: %s".formatted(url, status, message(json)));
				return json;
			}
		} catch (JacksonException e) {
			throw new Refusal(ExitCode.REFUSED, "what listens at %s is no node of Meshwork: it does not answer %s with JSON".formatted(url, path));
		} catch (IOException e) {
			throw unreachable(e);
		}
	}

	private Refusal unreachable(IOException e) {
		return new Refusal(ExitCode.REFUSED, "the node at %s does not answer: %s".formatted(url, e.getMessage()));
	}

	private HttpURLConnection open(String path, int readTimeout_ms) throws IOException {
		var connection = (HttpURLConnection) url.resolve(path).toURL().openConnection(Proxy.NO_PROXY);
		connection.setConnectTimeout(CONNECT_MS);
		connection.setReadTimeout(readTimeout_ms);
		if (connection instanceof HttpsURLConnection secure && certificate.isPresent()) {
			secure.setSSLSocketFactory(trusting(certificate.get()));
			// it is this machine's own, whatever name it has to the others
			secure.setHostnameVerifier((_, _) -> true);
		}
		apiKey.ifPresent(key -> connection.setRequestProperty("Authorization", "Bearer " + key));
		return connection;
	}

	private static SSLSocketFactory trusting(Path certificate) throws IOException {
		try (InputStream pem = Files.newInputStream(certificate)) {
			KeyStore store = KeyStore.getInstance("PKCS12");
			store.load(null, null);
			store.setCertificateEntry("node", CertificateFactory.getInstance("X.509").generateCertificate(pem));
			var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
			trust.init(store);
			SSLContext context = SSLContext.getInstance("TLS");
			context.init(null, trust.getTrustManagers(), null);
			return context.getSocketFactory();
		} catch (GeneralSecurityException e) {
			throw new IOException("its certificate %s can't be read: %s".formatted(certificate, e.getMessage()), e);
		}
	}

	private Refusal refused(HttpURLConnection connection) throws IOException {
		int status = connection.getResponseCode();
		try (InputStream body = connection.getErrorStream()) {
			return new Refusal(ExitCode.REFUSED, "the node refused: "
					+ message(JsonMapper.shared().readTree(body == null ? new byte[0] : body.readAllBytes())));
		} catch (JacksonException e) {
			return new Refusal(ExitCode.REFUSED, "the node answers %d".formatted(status));
		}
	}

	private static String message(JsonNode answer) {
		return answer.path("error").path("message").asString(answer.toString());
	}

	private static Optional<String> text(JsonNode object, String key) {
		return Optional.ofNullable(object.get(key)).filter(JsonNode::isString).map(JsonNode::stringValue);
	}
}
