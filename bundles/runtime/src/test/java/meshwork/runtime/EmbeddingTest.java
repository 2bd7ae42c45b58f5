package meshwork.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import meshwork.api.inference.EmbeddingRequest;
import meshwork.api.inference.InferenceException.InvalidRequest;
import meshwork.api.inference.Prompt;
import meshwork.api.inference.RankingRequest;
import meshwork.engine.echo.EchoEngine;

/** What a model can't do is said before anything is computed. The vectors themselves are tried where there is an engine that makes them. */
@Timeout(60)
class EmbeddingTest {

	@TempDir
	Path folder;

	private Host host() {
		return new Host(folder, 256, 2, 4).with(new EchoEngine(), "echo").serve("plain.echo");
	}

	@Test
	void anEngineThatMakesNoVectorsSaysSo() throws Exception {
		try (Host host = host()) {
			var refusal = assertThrows(InvalidRequest.class, () -> host.host.embed(request(new Prompt.Text("text"))));

			assertEquals("model", refusal.parameter());
			assertTrue(refusal.getMessage().contains("makes no vectors"), refusal.getMessage());
		}
	}

	@Test
	void aModelWithoutAClassificationHeadDoesNotRank() throws Exception {
		try (Host host = host()) {
			var refusal = assertThrows(InvalidRequest.class,
					() -> host.host.rank(new RankingRequest("r", "", "plain", "query", List.of("document"))));

			assertTrue(refusal.getMessage().contains("no classification head"), refusal.getMessage());
		}
	}

	@Test
	void tokensThatThereAreNotAreNamed() throws Exception {
		try (Host host = host()) {
			var refusal = assertThrows(InvalidRequest.class, () -> host.host.embed(request(new Prompt.Tokens(new int[] {1, 1 << 30}))));

			assertTrue(refusal.getMessage().contains("input 0 has the token 1073741824"), refusal.getMessage());
			assertThrows(InvalidRequest.class, () -> host.host.embed(request(new Prompt.Tokens(new int[0]))), "empty");
		}
	}

	private static EmbeddingRequest request(Prompt input) {
		return new EmbeddingRequest("r", "", "plain", List.of(input), false, true);
	}
}
