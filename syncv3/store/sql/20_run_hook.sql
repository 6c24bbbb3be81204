-- Statements of extensions, run inside a group's transaction.

-- ss_commit_group takes hooks too; it is made anew by the next file.
DROP TYPE IF EXISTS ss_w_hook CASCADE;
CREATE TYPE ss_w_hook AS (
    extension text, statement text, rows json, durable boolean, tells boolean);

DROP FUNCTION IF EXISTS ss_run_hook;
CREATE FUNCTION ss_run_hook(p_hook ss_w_hook, p_pos bigint) RETURNS text
    LANGUAGE plpgsql VOLATILE AS $$
-- Runs an extension's statement and returns why its rows were set aside (NULL: they were
-- not). Raises SS001 if it is a durable extension's that fails on its data or is wrong.
DECLARE
    told record;
BEGIN
    IF p_hook.tells THEN
        FOR told IN EXECUTE p_hook.statement USING p_hook.rows, p_pos LOOP
            INSERT INTO ss_changes (pos, extension, user_key, device_key, room_key)
                VALUES (p_pos, p_hook.extension, told.user_key, told.device_key, told.room_key);
        END LOOP;
    ELSE
        EXECUTE p_hook.statement USING p_hook.rows, p_pos;
    END IF;
    RETURN NULL;
EXCEPTION WHEN data_exception OR integrity_constraint_violation
        OR syntax_error_or_access_rule_violation OR cardinality_violation
        OR feature_not_supported OR plpgsql_error THEN
    IF p_hook.durable THEN
        RAISE EXCEPTION USING ERRCODE = 'SS001', MESSAGE = p_hook.extension || ': ' || SQLERRM;
    END IF;
    INSERT INTO ss_rejected_sections (extension, rows, error)
        VALUES (p_hook.extension, p_hook.rows::text, SQLERRM);
    RETURN SQLERRM;
END $$;
