package io.election.autoconfigure;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.beans.factory.annotation.Qualifier;

/**
 * Qualifier for the {@code DataSource} that tells elections where their database is, if
 * an application has several and none of them is primary, or the primary is another one.
 * Elections connect as it does, on connections of their own. If it does not tell its URL
 * and password, elections take two connections from it and keep them: then it should not
 * be a pool that the application uses, too.
 */
@Target({ ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER, ElementType.TYPE, ElementType.ANNOTATION_TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Qualifier
public @interface ElectionDataSource {

}
