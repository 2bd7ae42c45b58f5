package meshwork.engine.echo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;

import meshwork.api.engine.LoadOptions;
import meshwork.api.engine.ModelFile;
import meshwork.api.engine.SamplerOptions;
import meshwork.api.engine.SessionOptions;

class EchoEngineTest {

	@Test
	void textIsSaidOnceMore() {
		assertEquals("Grüße!", answer("Grüße!"));
	}

	@Test
	void theLastMessageOfAConversationIsSaidOnceMore() {
		assertEquals("Wie geht's?", answer("<|im_start|>system\nBe nice.<|im_end|>\n<|im_start|>user\nWie geht's?<|im_end|>\n"
				+ "<|im_start|>assistant\n"));
	}

	@Test
	void aHeaderThatNeverEndsIsNothingToSay() {
		assertEquals("", answer("<|im_start|>user"));
	}

	private static String answer(String prompt) {
		try (var engine = new EchoEngine()) {
			var model = engine.load(new ModelFile("echo", List.of(Path.of("any.echo")), "any", 0), LoadOptions.DEFAULT, share -> {
			});
			var session = model.open(SessionOptions.of(256, 1));
			var greedy = session.sampler(SamplerOptions.GREEDY);
			var said = new ByteArrayOutputStream();
			var tokens = model.vocabulary().tokenize(prompt, true, true);
			for (int position = 0;;) {
				session.batch().clear();
				int row = 0;
				for (int token : tokens)
					row = session.batch().add(token, position++, 0);
				session.batch().sample(row, greedy);
				session.decode();
				int next = session.batch().token(row, 0);
				if (model.vocabulary().ends(next))
					return said.toString(StandardCharsets.UTF_8);
				said.writeBytes(model.vocabulary().bytes(next, false));
				tokens = new int[] {next};
			}
		}
	}
}
