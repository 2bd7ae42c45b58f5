package meshwork.engine.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.junit.jupiter.api.Test;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;

import meshwork.api.engine.Batch;
import meshwork.api.engine.Sampler;
import meshwork.api.engine.SamplerOptions;
import meshwork.api.engine.SamplerOptions.Stage;
import meshwork.api.engine.Session;
import meshwork.api.engine.SessionOptions;
import meshwork.api.engine.Vocabulary;
import meshwork.chat.schema.SchemaGrammars;
import tools.jackson.databind.json.JsonMapper;

/**
 * Whatever a model says under the grammar of a schema is valid against it: the starter, and at a temperature at which it says anything as a
 * model of random weights does. {@code -Dschema.runs=1000} for more of them.
 */
@RunsHere
class SchemaTest {

	private static final int RUNS = Integer.getInteger("schema.runs", 120);
	private static final int MOST_TOKENS = 3_000;

	@Test
	@SuppressWarnings("unchecked")
	void outputIsValidAgainstItsSchema() {
		var registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
		var wrong = new ArrayList<String>();
		int unfinished = 0;
		try (LlamaEngine engine = Natives.engine(); var model = Natives.starter(engine); Session session = model.open(SessionOptions.of(4096, 1))) {
			Vocabulary vocabulary = model.vocabulary();
			for (int run = 0; run < RUNS; run++) {
				String schema = new RandomSchema(new Random(run)).next();
				String grammar = new SchemaGrammars().ofSchema(JsonMapper.shared().readValue(schema, Map.class));
				var options = new SamplerOptions(List.of(new Stage.Grammar(grammar), new Stage.Temperature(run % 2 == 0 ? 1 : 100)), run);
				List<Integer> said = say(session, vocabulary, options);
				if (!vocabulary.ends(said.getLast())) {
					unfinished++;
					continue;
				}
				String text = text(vocabulary, said.subList(0, said.size() - 1));
				Schema valid = registry.getSchema(schema, InputFormat.JSON);
				try {
					var errors = valid.validate(text, InputFormat.JSON, context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)));
					if (!errors.isEmpty())
						wrong.add("%d: %s of %s: %s".formatted(run, text, schema, errors));
				} catch (RuntimeException e) {
					wrong.add("%d: %s of %s: %s".formatted(run, text, schema, e));
				}
			}
		}
		int left = unfinished;
		assertEquals(List.of(), wrong, () -> "%d of %d".formatted(wrong.size(), RUNS));
		assertTrue(left * 20 < RUNS, () -> left + " did not end");
	}

	private static List<Integer> say(Session session, Vocabulary vocabulary, SamplerOptions options) {
		session.memory().clear();
		List<Integer> said = new ArrayList<>();
		try (Sampler sampler = session.sampler(options)) {
			int token = vocabulary.begin().orElseThrow();
			Batch batch = session.batch();
			while (said.size() < MOST_TOKENS && (said.isEmpty() || !vocabulary.ends(token))) {
				batch.clear();
				int row = batch.add(token, said.size(), 0);
				batch.sample(row, sampler);
				session.decode();
				token = batch.token(row, 0);
				said.add(token);
			}
		}
		return said;
	}

	private static String text(Vocabulary vocabulary, List<Integer> tokens) {
		var bytes = new ByteArrayOutputStream();
		tokens.forEach(token -> bytes.writeBytes(vocabulary.bytes(token, false)));
		return bytes.toString(StandardCharsets.UTF_8);
	}
}
