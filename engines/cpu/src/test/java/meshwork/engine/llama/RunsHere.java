package meshwork.engine.llama;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.condition.EnabledIf;

/** A test that runs the libraries: it needs the machine that they are for. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@EnabledIf(value = "meshwork.engine.llama.Natives#runHere", disabledReason = "the libraries are for another platform")
@interface RunsHere {
}
